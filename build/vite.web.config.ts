import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { UserConfig } from 'vite';
import { defineConfig } from 'vite';

/** What browsers of the last three years run: of staff's computers, and of phones. */
const target = ['chrome116', 'safari16.4', 'firefox121'];

const project = fileURLToPath(new URL('..', import.meta.url));
const page = (name: string): UserConfig => ({
  root: resolve(project, 'src/web', name),
  // Under whichever address the operator is reached.
  base: '/',
  plugins: [tailwindcss()],
  build: {
    target,
    outDir: resolve(project, 'out', name),
    emptyOutDir: true,
    // Everything is a file of our own: the pages' policy allows no data: fonts and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
  },
});

/**
 * The pages that the operator serves to browsers: `vite build -c build/vite.web.config.ts -m <page>` builds src/web/<page> into
 * out/<page>.
 */
const pages: Readonly<Record<string, UserConfig>> = {
  console: { ...page('console'), plugins: [react(), tailwindcss()] },
};

export default defineConfig(({ mode }) => {
  const config = pages[mode];
  if (config === undefined) throw new Error(`no page ${mode}: ${Object.keys(pages).join(', ')}`);
  return config;
});
