import { goodsModelFile, readModel } from '../bootstrap/models.mjs';
import { goodsLayers } from '../../src/core/vision/look.ts';
import { convertEarlyLayers } from './early-layers.ts';

/** The network that looks at goods, as onnxruntime-web runs it; null when what it is made of is not here. */
export function readGoodsModel(): Uint8Array | null {
  const file = readModel(goodsModelFile());
  return file === null ? null : convertEarlyLayers(file, goodsLayers);
}
