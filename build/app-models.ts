import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { modelFiles, readModel } from './bootstrap/models.mjs';
import { readGoodsModel } from './goods-model/goods-model.ts';

const goodsHead = resolve('resources/models/goods-head.bin');

/** Puts the models into `models/` beside the page. Without them the app is built all the same and says so at run time. */
export function appModels(): Plugin {
  return {
    name: 'kaimen-models',
    generateBundle() {
      for (const model of modelFiles()) {
        const source = readModel(model);
        if (source === null)
          this.warn(
            `${model.name} is not here (npm run setup fetches it): built without face identification`,
          );
        else this.emitFile({ type: 'asset', fileName: `models/${model.name}`, source });
      }
      const network = readGoodsModel();
      if (network === null) this.warn('the network for goods is not here: built without cameras inside');
      else {
        this.emitFile({ type: 'asset', fileName: 'models/goods-network.onnx', source: network });
        this.emitFile({ type: 'asset', fileName: 'models/goods-head.bin', source: readFileSync(goodsHead) });
      }
    },
  };
}
