import { readFileSync } from 'node:fs';

/** What is in a file of JSON; null: it is not there, cannot be read, or is none. Its shape is for the caller to prove. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return null;
  }
}
