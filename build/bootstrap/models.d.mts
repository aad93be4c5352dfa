export interface ModelFile {
  name: string;
  package: string;
  version: string;
  path: string;
  bytes: number;
  sha256: string;
}
export function modelFiles(): ModelFile[];
export function readModel(model: ModelFile): Uint8Array<ArrayBuffer> | null;
export function prepareModels(say: (text: string) => void): boolean;
