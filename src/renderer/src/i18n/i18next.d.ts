import 'i18next';
import type { zh } from './zh.ts';
import type { Widen } from './shape.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Widen<typeof zh> };
  }
}
