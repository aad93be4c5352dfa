export interface ModelFile {
  name: string;
  package: string;
  version: string;
  path: string;
  /** Where its bytes begin in a file that holds several. */
  from?: number;
  bytes: number;
  sha256: string;
}
export function modelFiles(): ModelFile[];
export function goodsModelFile(): ModelFile;
export function readModel(model: ModelFile): Uint8Array<ArrayBuffer> | null;
export function prepareModels(say: (text: string) => void, models?: ModelFile[]): boolean;
