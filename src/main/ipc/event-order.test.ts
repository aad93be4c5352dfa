import type { WebContents } from 'electron';
import { expect, test, vi } from 'vitest';
import type { Display } from '../../shared/model/display.schema.ts';

vi.mock('electron', () => ({}));

/** Electron runs waiting promises before it hands an event over; what they publish comes from within the sending. */
function contents(within: () => void): { of: WebContents; sent: unknown[] } {
  const sent: unknown[] = [];
  const send = (name: string, payload: unknown): void => {
    within();
    sent.push([name, payload]);
  };
  return { of: { send, isDestroyed: () => false } as unknown as WebContents, sent };
}

test('what is said of a later state from within the sending of an event does not overtake it', async () => {
  const { sendEvent } = await import('./register.ts');
  const before: Display = { language: 'zh', largeText: false };
  const after: Display = { language: 'en', largeText: true };
  let nested = 0;
  const page = contents(() => {
    if (nested++ === 0) sendEvent('page', page.of, 'display', after);
  });
  sendEvent('page', page.of, 'display', before);
  expect(page.sent).toEqual([
    ['kiosk:display', before],
    ['kiosk:display', after],
  ]);
});

test('an event that cannot be sent holds up none that comes later', async () => {
  const { sendEvent } = await import('./register.ts');
  let isGone = true;
  const page = contents(() => {
    if (isGone) throw new Error('the frame is gone');
  });
  const display: Display = { language: 'zh', largeText: false };
  expect(() => sendEvent('page', page.of, 'display', display)).toThrow('gone');
  isGone = false;
  sendEvent('page', page.of, 'display', display);
  expect(page.sent).toHaveLength(1);
});
