import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { until } from '../src/testkit/until.ts';

/**
 * Whoever has got hold of the page wants to take the cabinet's screen away: closes the window, opens native dialogs, floods
 * main, or stops answering. As on a cabinet: the window fills the screen. A visit is under way all the time.
 */
test.describe.configure({ mode: 'serial' });
let harness: AppHarness;

test.beforeAll(async () => {
  harness = await AppHarness.open();
  // No size: the kiosk's own window.
  await harness.launch('');
  await harness.screen.tap('action-choose-code');
  await harness.screen.waitScreen('identifying');
  await harness.cabinet.present('M1001');
  await harness.screen.waitScreen('unlocking');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
});
test.afterAll(async () => {
  await harness.close();
});

/** What is on the page, asked in main: the test tool gives up a page that has crashed. */
async function textOf(testId: string): Promise<string | null> {
  const text = await harness.app?.evaluate(({ BrowserWindow }, selector) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const script = `document.querySelector('${selector}')?.textContent ?? null`;
    // A page that is just dying never answers.
    const patience = new Promise<null>((resolve) => setTimeout(() => resolve(null), 500));
    return Promise.race([contents?.executeJavaScript(script) as Promise<string | null>, patience]);
  }, `[data-testid="${testId}"]`);
  return text ?? null;
}
const isShopping = async (): Promise<boolean> => (await textOf('screen-shopping')) !== null;
/** Runs a script of the attacker's in the page, and does not wait for it. */
const inPage = (script: string): Promise<void> =>
  harness.app!.evaluate(({ BrowserWindow }, text) => {
    BrowserWindow.getAllWindows()[0]
      ?.webContents.executeJavaScript(text)
      .catch(() => undefined);
  }, script);
const pagePid = (): Promise<number | undefined> =>
  harness.app!.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );

test('no native dialog: alert and confirm open none, and prompt is not there', async () => {
  // The debugger is told of each; what it cannot dismiss was never shown.
  let shown = 0;
  harness.screen.window.on('dialog', (dialog) => {
    dialog.dismiss().then(
      () => shown++,
      () => undefined,
    );
  });
  const answers = await harness.screen.window.evaluate(() => {
    const page = globalThis as unknown as {
      alert(text: string): void;
      confirm(text: string): boolean;
      prompt(text: string): string | null;
    };
    page.alert('x');
    try {
      return [page.confirm('x'), page.prompt('x')];
    } catch {
      return [page.confirm('x'), null];
    }
  });
  expect(answers).toEqual([false, null]);
  expect(shown).toBe(0);
});

test('WebRTC finds no way out: no candidate for a connection is gathered', async () => {
  const candidates = await harness.screen.window.evaluate(async () => {
    type Connection = {
      iceGatheringState: string;
      onicecandidate: ((event: { candidate: { candidate: string } | null }) => void) | null;
      createDataChannel(name: string): unknown;
      createOffer(): Promise<object>;
      setLocalDescription(offer: object): Promise<void>;
    };
    const { RTCPeerConnection } = globalThis as unknown as {
      RTCPeerConnection: new (options: object) => Connection;
    };
    const connection = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:3478' }] });
    const found: string[] = [];
    const ended = new Promise<void>((resolve) => {
      connection.onicecandidate = ({ candidate }) => {
        if (candidate === null) resolve();
        else found.push(candidate.candidate);
      };
    });
    connection.createDataChannel('out');
    await connection.setLocalDescription(await connection.createOffer());
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000))]);
    return found;
  });
  expect(candidates).toEqual([]);
});

test('a page that calls main without end is ended and loaded anew; the visit goes on', async () => {
  const before = await pagePid();
  await inPage(`for (let i = 0; i < 50000; i++) window.kiosk.visit.getSnapshot({}); 0`);
  await until('another page', async () => ((await pagePid()) === before ? null : true));
  await until('the visit is on screen again', async () => ((await isShopping()) ? true : null));
});

test('a page that hangs is noticed without a touch, ended and loaded anew; the visit goes on', async () => {
  const before = await pagePid();
  await inPage('for (;;) {}');
  await until('another page', async () => ((await pagePid()) === before ? null : true));
  await until('the visit is on screen again', async () => ((await isShopping()) ? true : null));
});

// The last one: the test tool gives up an app whose first window is gone.
test('window.close(): another one is there at once; the visit goes on, and is paid once', async () => {
  const before = await pagePid();
  await inPage('window.close()');
  await until('another page', async () => {
    const pid = await pagePid();
    return pid === undefined || pid === before ? null : true;
  });
  await until('the visit is on screen again', async () => ((await isShopping()) ? true : null));
  await harness.cabinet.take('jasmine-tea');
  await until('the basket', async () =>
    (await textOf('basket-total'))?.includes('5.00') === true ? true : null,
  );
  await harness.cabinet.shut();
  await until('paid once', async () => {
    const charges = await harness.operator.charges();
    return charges.length === 1 && charges[0]?.state === 'paid' ? true : null;
  });
});
