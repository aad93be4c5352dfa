import { colourDescriptor } from './colour.ts';
import { type Look, type Views, networkLook } from './head.ts';
import { type Picture, type Region, networkInput, resampled, viewsOf } from './picture.ts';

/** After these layers of the network the channels' means are taken: 144 + 192 + 384 numbers. */
export const goodsLayers = ['expanded_conv_3/expand', 'expanded_conv_6/expand', 'expanded_conv_10/expand'];
/** A crop is looked at in these sizes, in pixels: shapes by the network, colours at the larger one. */
const networkSide = 160;
const colourSide = 192;

/** Runs the network over a picture of that side: its outputs by name. */
export type RunNetwork = (
  planes: Float32Array,
  side: number,
) => Promise<Readonly<Record<string, Float32Array>>>;

/** What is seen of a crop: both looks, by the network and by its colours. */
export async function lookAt(picture: Picture, region: Region, run: RunNetwork): Promise<Views> {
  const views: Look[] = [];
  for (const view of viewsOf(region)) {
    const planes = networkInput(resampled(picture, view, networkSide, networkSide));
    const outputs = await run(planes, networkSide);
    const network = networkLook(goodsLayers.map((name) => outputs[name] ?? new Float32Array()));
    const colour = colourDescriptor(resampled(picture, view, colourSide, colourSide));
    views.push({ network, colour });
  }
  return views;
}
