import { playFaultMatrix } from './play.ts';
import { situations } from './situations.ts';

playFaultMatrix(situations.beforeUnlock);
