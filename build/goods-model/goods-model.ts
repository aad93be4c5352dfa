import { goodsModelFile, readModel } from '../bootstrap/models.mjs';
import { convertEarlyLayers } from './early-layers.ts';

/** After these layers of the network the channels' means are taken: 144 + 192 + 384 numbers. */
export const goodsLayers = ['expanded_conv_3/expand', 'expanded_conv_6/expand', 'expanded_conv_10/expand'];

/** The network that looks at goods, as onnxruntime-web runs it; null when what it is made of is not here. */
export function readGoodsModel(): Uint8Array | null {
  const file = readModel(goodsModelFile());
  return file === null ? null : convertEarlyLayers(file, goodsLayers);
}
