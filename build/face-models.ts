import type { Plugin } from 'vite';
import { modelFiles, readModel } from './bootstrap/models.mjs';

/** Puts the face models into `models/` beside the page. Without them the app is built all the same and says so at run time. */
export function faceModels(): Plugin {
  return {
    name: 'kaimen-face-models',
    generateBundle() {
      for (const model of modelFiles()) {
        const source = readModel(model);
        if (source === null)
          this.warn(
            `${model.name} is not here (npm run setup fetches it): built without face identification`,
          );
        else this.emitFile({ type: 'asset', fileName: `models/${model.name}`, source });
      }
    },
  };
}
