import { playFaultMatrix } from './play.ts';
import { situations } from './situations.ts';

await playFaultMatrix(situations.doorOpen);
