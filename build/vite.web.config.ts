import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin, UserConfig } from 'vite';
import { defineConfig } from 'vite';
import { phonePagePath } from '../src/shared/phone/calls.ts';

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

/** All script of the phone's page, bytes as they are before they are packed for the way. */
const phoneScriptMaxBytes = 150_000;

/**
 * A phone on a slow line draws when its first answer is there: the styles stand in the page itself (the operator allows them by
 * their hash), and the script comes after them. Fails when there is more of that than `phoneScriptMaxBytes`.
 */
function quickToDraw(): Plugin {
  return {
    name: 'kaimen-quick-to-draw',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const all = Object.values(bundle);
      const scriptBytes = all.reduce(
        (sum, one) => sum + (one.type === 'chunk' ? Buffer.byteLength(one.code) : 0),
        0,
      );
      if (scriptBytes > phoneScriptMaxBytes)
        this.error(`${scriptBytes} bytes of script, more than ${phoneScriptMaxBytes}`);
      for (const html of all.filter((one) => one.type === 'asset' && one.fileName.endsWith('.html'))) {
        if (html.type !== 'asset') continue;
        html.source = String(html.source).replace(
          /<link rel="stylesheet"[^>]*href="[^"]*?(assets\/[^"]+\.css)"[^>]*>/g,
          (_link, name: string) => {
            const styles = bundle[name];
            if (styles?.type !== 'asset') this.error(`no styles ${name}`);
            Reflect.deleteProperty(bundle, name);
            return `<style>${String(styles.source).trim()}</style>`;
          },
        );
        if (!html.source.includes('<style>')) this.error('no styles in the page');
      }
    },
  };
}

/**
 * The pages that the operator serves to browsers: `vite build -c build/vite.web.config.ts -m <page>` builds src/web/<page> into
 * out/<page>.
 */
const pages: Readonly<Record<string, UserConfig>> = {
  console: { ...page('console'), plugins: [react(), tailwindcss()] },
  // Written against React's interface, built with what is a tenth of its size.
  phone: {
    ...page('phone'),
    base: phonePagePath,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    plugins: [tailwindcss(), quickToDraw()],
    resolve: {
      alias: {
        'react-dom/client': 'preact/compat/client',
        'react-dom': 'preact/compat',
        react: 'preact/compat',
      },
    },
  },
};

export function webPage(name: string): UserConfig {
  const config = pages[name];
  if (config === undefined) throw new Error(`no page ${name}: ${Object.keys(pages).join(', ')}`);
  return config;
}

export default defineConfig(({ mode }) => webPage(mode));
