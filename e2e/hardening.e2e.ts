import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { ipcCalls, isCallOf } from '../src/shared/ipc/table.schema.ts';
import { exitCodes } from '../src/shared/launcher.ts';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { until } from '../src/testkit/until.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

/** Plays the attacker who has got hold of the page: it must not matter. */
let harness: AppHarness;
test.beforeAll(async () => {
  harness = await AppHarness.open();
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

test('the page has the IPC table and nothing else', async () => {
  const seen = await harness.screen.window.evaluate(() => ({
    kiosk: Object.entries((globalThis as unknown as { kiosk: Record<string, object> }).kiosk)
      .flatMap(([name, one]) =>
        typeof one === 'function' ? [name] : Object.keys(one).map((call) => `${name}.${call}`),
      )
      .sort(),
    node: ['require', 'process', 'Buffer', 'module', 'electron'].filter((name) => name in globalThis),
  }));
  expect(seen.node).toEqual([]);
  const ofPage = ipcCalls.filter(({ guard }) => isCallOf('page', guard)).map(({ path }) => path);
  expect(seen.kiosk).toEqual([...ofPage, 'on'].sort());
});

test('payloads that do not fit the table are refused', async () => {
  const codes = await harness.screen.window.evaluate(async () => {
    const { kiosk } = globalThis as unknown as {
      kiosk: Record<
        string,
        Record<string, (input: unknown) => Promise<{ ok: boolean; error?: { code: string } }>>
      >;
    };
    const bad: [string, string, unknown][] = [
      ['visit', 'confirmBasket', { revision: -1 }],
      ['visit', 'confirmBasket', { revision: 1, more: true }],
      ['visit', 'confirmBasket', null],
      ['visit', 'reportLine', { sku: '../../etc', wrong: true }],
      ['visit', 'reportLine', { sku: 'x'.repeat(10_000), wrong: true }],
      ['visit', 'getSnapshot', 'all'],
      ['receipt', 'finish', [1, 2, 3]],
    ];
    return Promise.all(
      bad.map(async ([group, call, input]) => (await kiosk[group]?.[call]?.(input))?.error?.code),
    );
  });
  expect(new Set(codes)).toEqual(new Set(['bad_request']));
  expect(
    await harness.screen.window.evaluate(async () => {
      const { kiosk } = globalThis as unknown as {
        kiosk: { visit: { confirmBasket(i: object): Promise<{ error?: { code: string } }> } };
      };
      return (await kiosk.visit.confirmBasket({ revision: 999 })).error?.code;
    }),
  ).toBe('stale');
});

test('no eval, no foreign script, no network, no second window, no permission', async () => {
  const results = await harness.screen.window.evaluate(async () => {
    const tried: Record<string, string> = {};
    const attempt = async (name: string, act: () => unknown): Promise<void> => {
      try {
        const value: unknown = await act();
        tried[name] = `allowed ${String(value)}`;
      } catch {
        tried[name] = 'denied';
      }
    };
    // Out of the debugger's own call, which may eval whatever the page's policy says.
    await new Promise((resolve) => setTimeout(resolve, 20));
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the attack itself
    await attempt('eval', () => (new Function('return 1') as () => unknown)());
    await attempt('WebAssembly', () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
    await attempt('fetch', () => fetch('http://127.0.0.1:1/'));
    await attempt('fetch own', () => fetch('app://kaimen/index.html'));
    await attempt('fetch model', () => fetch('app://kaimen/models/fr_feature.onnx'));
    await attempt('camera', () => navigator.mediaDevices.getUserMedia({ video: true }));
    await attempt('notification', async () => {
      if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
    });
    const opened = window.open('https://example.com/');
    tried['window.open'] = opened === null ? 'denied' : 'allowed';
    const script = document.createElement('script');
    script.textContent = 'window.inline = 1';
    document.body.append(script);
    tried['inline script'] = 'inline' in window ? 'allowed' : 'denied';
    return tried;
  });
  expect(new Set(Object.values(results))).toEqual(new Set(['denied']));
  expect(await harness.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  await harness.screen.waitScreen('attract');
});

test('files outside the page’s folder are not served', async () => {
  const statuses = await harness.app?.evaluate(async ({ session }) => {
    const paths = [
      '../../package.json',
      '%2e%2e/%2e%2e/package.json',
      '..%2f..%2fpackage.json',
      'assets/../../main/index.js',
    ];
    const sessions = ['page', 'face'].map((name) => session.fromPartition(name));
    return Promise.all(
      sessions.flatMap((one) => paths.map(async (path) => (await one.fetch(`app://kaimen/${path}`)).status)),
    );
  });
  expect(new Set(statuses)).toEqual(new Set([404]));
});

test('only the script of a worker may read our files and compile WebAssembly, and nothing else', async () => {
  const [worker = ''] = readdirSync(join(project, 'out/renderer/workers'));
  const policiesOf = (partition: string, paths: readonly string[]) =>
    harness.app?.evaluate(
      async ({ session }, [name, list]) =>
        Promise.all(
          list.map(async (path) => {
            const answer = await session.fromPartition(name).fetch(`app://kaimen/${path}`);
            return answer.headers.get('content-security-policy');
          }),
        ),
      [partition, paths] as const,
    );
  const [page] = (await policiesOf('page', ['index.html'])) ?? [];
  const [face, ours, disguised] =
    (await policiesOf('face', ['face.html', `workers/${worker}`, 'workers/..%2fface.html'])) ?? [];
  for (const policy of [page, face]) {
    expect(policy).toContain("connect-src 'none'");
    // No word for modals in it: nothing is printed.
    expect(policy).toMatch(
      /sandbox allow-scripts allow-same-origin$|sandbox allow-scripts allow-same-origin;/,
    );
    expect(policy).not.toContain('wasm');
  }
  expect(page).toContain("worker-src 'none'");
  expect(disguised).toBe(face);
  expect(ours).toBe("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'");
});

test('the window is isolated and sandboxed', async () => {
  const preferences = await harness.app?.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } =
      contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag: webviewTag ?? false };
  });
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
});

test('a second start says why it ends, not as a success, and brings the first to the front', async () => {
  const { executable, args, env } = harness.kioskCommand('1080x1920');
  await harness.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  const second = spawn(executable, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => second.once('close', resolve));
  expect(code).toBe(exitCodes.runsAlready);
  expect(said).toContain('another one runs on this data folder');
  await until('the first one is in front', async () =>
    (await harness.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())) ===
    true
      ? true
      : null,
  );
  await harness.screen.waitScreen('attract');
});

test('secrets are in no log and in no readable file', async () => {
  await harness.cabinet.present();
  await harness.screen.waitScreen('unlocking');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  await harness.cabinet.shut();
  await harness.screen.waitScreen('nothing_charged');
  const log = readFileSync(join(harness.kioskDir, 'kaimen.log'), 'utf8');
  expect(log).toContain('visit.state');
  expect(log).not.toContain('KM1.');
  expect(log).not.toContain('M1001');
  for (const name of readdirSync(harness.kioskDir).filter((n) => n.startsWith('kaimen.db'))) {
    expect(readFileSync(join(harness.kioskDir, name)).includes('M1001'), name).toBe(false);
  }
  expect(statSync(join(harness.kioskDir, 'secrets.json')).mode & 0o077).toBe(0);
});

test('no print window and no file dialog, even at a touch', async () => {
  const tried = await harness.app?.evaluate(async ({ webContents }) => {
    const asATouch = true;
    const asking = `(() => {
      const seen = [];
      addEventListener('beforeprint', () => seen.push('print'));
      print();
      for (const name of ['showOpenFilePicker', 'showSaveFilePicker', 'showDirectoryPicker'])
        if (name in window) seen.push(name);
      return seen;
    })()`;
    const inputs = ['{}', '{ multiple: true }', '{ webkitdirectory: true }', "{ accept: 'image/*' }"];
    const ours = webContents.getAllWebContents().filter((one) => one.getURL().startsWith('app://kaimen/'));
    const seen: [string, unknown][] = [];
    for (const one of ours) {
      const opened = (await one.executeJavaScript(asking, asATouch)) as string[];
      for (const input of inputs) {
        // Either main took the request away, or the page is told at once that nothing was chosen; a dialog does neither.
        const isTaken = new Promise<boolean>((resolve) => {
          one.debugger.on('message', (_event, method) => {
            if (method === 'Page.fileChooserOpened') resolve(true);
          });
          setTimeout(() => resolve(false), 20_000);
          const choosing = `new Promise((resolve) => {
            const input = Object.assign(document.createElement('input'), { type: 'file' }, ${input});
            input.addEventListener('cancel', () => resolve(true));
            input.click();
          })`;
          one.executeJavaScript(choosing, asATouch).then(resolve, () => undefined);
        });
        if (!(await isTaken)) opened.push(`a file dialog of ${input}`);
      }
      seen.push([new URL(one.getURL()).pathname, opened]);
    }
    return Object.fromEntries(seen);
  });
  // And in the face view, where there is one.
  expect(tried).toMatchObject({ '/index.html': [] });
  expect(Object.values(tried ?? {}).flat()).toEqual([]);
  await harness.screen.waitScreen('attract');
});

// The last one: a navigation that is refused leaves the test tool waiting for it for ever.
test('the page cannot be led elsewhere', async () => {
  const url = await harness.app?.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    await contents?.executeJavaScript(`location.href = 'https://example.com/'; 1`);
    await contents?.executeJavaScript(`location.href = 'file:///etc/passwd'; 1`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const alive: unknown = await contents?.executeJavaScript(`document.querySelector('main') !== null`);
    return `${contents?.getURL() ?? ''} ${String(alive)}`;
  });
  expect(url).toBe('app://kaimen/index.html true');
});
