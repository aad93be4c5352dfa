import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { Finger } from './fixtures/finger.ts';

/** Fingers that do what fingers do: twice, too early, two at once, across the glass. By position on the real screen. */

let harness: AppHarness;
let finger: Finger;
test.beforeAll(async () => {
  harness = await AppHarness.open();
  finger = new Finger(harness.screen);
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

const page = () => harness.screen.window;
/** Longer than any answer to a touch takes: what did not happen by then does not happen. */
const afterwards = () => page().waitForTimeout(1_000);
async function backToAttract(): Promise<void> {
  await harness.screen.tap('action-cancel');
  await finger.waitUntilTaken('attract');
}

for (const apartMs of [0, 120, 300]) {
  test(`a double tap (${apartMs} ms) on "open with code" stays on the code screen`, async () => {
    await finger.waitUntilTaken('attract');
    await finger.touchTwice(await finger.placeOf('action-choose-code', 0.5, 0.95), apartMs);
    await afterwards();
    await expect(page().getByTestId('screen-identifying')).toBeVisible();
    await backToAttract();
  });
  test(`a double tap (${apartMs} ms) on "my account" stays where it led`, async () => {
    await finger.waitUntilTaken('attract');
    await finger.touchTwice(await finger.placeOf('action-choose-account'), apartMs);
    await afterwards();
    await expect(page().getByTestId('screen-identifying')).toBeVisible();
    await backToAttract();
  });
  test(`a double tap (${apartMs} ms) on "open with face" passes no notice`, async () => {
    await finger.waitUntilTaken('attract');
    await finger.touchTwice(await finger.placeOf('action-choose-face'), apartMs);
    await afterwards();
    await expect(await harness.screen.find('screen-face')).toHaveAttribute('data-reason', 'notice');
    await backToAttract();
  });
}

test('consent lies nowhere under the button that led to it', async () => {
  await finger.waitUntilTaken('attract');
  const { x, y } = await finger.placeOf('action-choose-face');
  await page().mouse.click(x, y);
  await harness.screen.waitScreen('face');
  const box = await (await harness.screen.find('action-start-face')).boundingBox();
  expect(box).not.toBeNull();
  const isUnder =
    box !== null && x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
  expect(isUnder).toBe(false);
  await backToAttract();
});

test('a finger that is dragged off the button, and a second one beside it, do nothing', async () => {
  await finger.waitUntilTaken('attract');
  const { x, y } = await finger.placeOf('action-choose-code');
  await page().mouse.move(x, y);
  await page().mouse.down();
  await page().mouse.move(x, y - 500, { steps: 5 });
  await page().mouse.up();
  await afterwards();
  await expect(page().getByTestId('screen-attract')).toBeVisible();
  const other = await finger.placeOf('action-choose-face');
  const glass = await page().context().newCDPSession(page());
  const fingers = [
    { x, y, id: 1 },
    { ...other, id: 2 },
  ];
  await glass.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers });
  await glass.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await afterwards();
  await expect(page().getByTestId('screen-attract')).toBeVisible();
});

test('a palm does nothing; one finger tip acts and shows that it does', async () => {
  await finger.waitUntilTaken('attract');
  const { x, y } = await finger.placeOf('action-choose-code');
  const glass = await page().context().newCDPSession(page());
  const palm = { x, y, id: 1, radiusX: 200, radiusY: 150 };
  await glass.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [palm] });
  await glass.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await afterwards();
  await expect(page().getByTestId('screen-attract')).toBeVisible();
  const tip = { x, y, id: 2, radiusX: 12, radiusY: 12 };
  await glass.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [tip] });
  await expect(page().getByTestId('action-choose-code')).toHaveAttribute('data-pressed', 'true');
  await glass.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await harness.screen.waitScreen('identifying');
  await backToAttract();
});
