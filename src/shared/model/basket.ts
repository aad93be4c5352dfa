export const lineCountMax = 100;
