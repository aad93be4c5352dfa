import { resolve } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { appModels } from './build/app-models.ts';
import { type IpcCaller, ipcCalls, ipcEvents, isCallOf } from './src/shared/ipc/table.schema.ts';

// Both the pinned Electron and the fallback runtime (Electron 33: Node 20.18, Chromium 130) must run what is built.
const nodeTarget = 'node20.18';
const chromeTarget = 'chrome130';

/** The names alone of the IPC table: a preload script runs before every page, and has no zod. */
const pathsOf = (caller: IpcCaller): string =>
  JSON.stringify(ipcCalls.filter(({ guard }) => isCallOf(caller, guard)).map(({ path }) => path));
const eventsOf = (caller: IpcCaller): string => JSON.stringify(Object.keys(ipcEvents[caller]));

/**
 * To Electron's `node:fs` a file that is called `….asar` is a folder: it can be neither written nor looked at as a file. A slot
 * has one, and updates see files as they are (electronjs.org/docs/latest/tutorial/asar-archives).
 */
const plainFiles: Plugin = {
  name: 'plain-files-for-updates',
  enforce: 'pre',
  // By its text: what is Node's own is taken out of the bundle before anybody is asked where it is.
  transform: (code, id) =>
    /[\\/]src[\\/]updates[\\/]/.test(id)
      ? { code: code.replaceAll(/(?<=from ')node:fs(?=(?:\/promises)?';)/g, 'original-fs'), map: null }
      : null,
  resolveId: (source) => (/^original-fs(\/promises)?$/.test(source) ? { id: source, external: true } : null),
};

export default defineConfig({
  main: {
    plugins: [plainFiles],
    build: {
      target: nodeTarget,
      // Native packages and the like stay packages; all else is bundled, so that the app starts from few files.
      externalizeDeps: { exclude: ['zod', 'xstate', 'electron-store', 'pino', 'hash-wasm'] },
      rollupOptions: {
        input: {
          index: resolve('src/main/index.ts'),
          'device-host': resolve('src/devices/index.ts'),
          'pin-worker': resolve('src/main/service/pin-worker.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    define: {
      pageCallPaths: pathsOf('page'),
      pageEventNames: eventsOf('page'),
      faceCallPaths: pathsOf('face'),
      faceEventNames: eventsOf('face'),
      pinCallPaths: pathsOf('pin'),
      pinEventNames: eventsOf('pin'),
      goodsCallPaths: pathsOf('goods'),
      goodsEventNames: eventsOf('goods'),
    },
    build: {
      target: nodeTarget,
      externalizeDeps: false,
      // A sandboxed preload script can require no other file: each is whole.
      isolatedEntries: true,
      rollupOptions: {
        input: {
          page: resolve('src/preload/page.ts'),
          face: resolve('src/preload/face.ts'),
          pin: resolve('src/preload/pin.ts'),
          goods: resolve('src/preload/goods.ts'),
        },
        // A sandboxed preload script is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    build: {
      target: chromeTarget,
      // Everything is a file of our own: the page's policy allows no data: fonts.
      assetsInlineLimit: 0,
      // Half as much to read and compile before the first screen.
      minify: true,
      // The face worker is the largest (1.9 MB: face-api.js brings all of tfjs); it is loaded when a face is looked for.
      chunkSizeWarningLimit: 2_000,
      rollupOptions: {
        input: {
          index: resolve('src/renderer/index.html'),
          // The face view: a page, process and session of its own.
          face: resolve('src/renderer/face.html'),
          // The PIN view, over the page while somebody is asked for a PIN.
          pin: resolve('src/renderer/pin.html'),
          // The view that looks at goods: never on the screen.
          goods: resolve('src/renderer/goods.html'),
          // A tool's page (e2e/face-eval.ts), not packaged (build/electron-builder.yml).
          'face-eval': resolve('src/renderer/face-eval.html'),
        },
      },
    },
    worker: {
      format: 'es',
      // A folder of their own: main gives what is served from it another content security policy.
      rollupOptions: { output: { entryFileNames: 'workers/[name]-[hash].js' } },
    },
    plugins: [react(), tailwindcss(), appModels()],
  },
});
