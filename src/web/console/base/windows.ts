import type { UpdateWindow } from '../../../shared/model/update-order.schema.ts';
import { textOfWindow } from '../../../shared/model/update-window.ts';

const windowsMax = 14;
const form = /^([01]?\d|2[0-3]):([0-5]\d)\s*[-–—]\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** "02:00-05:00, 13:00-14:00"; nothing is "at any time". Null: it cannot be read. */
export function readWindows(text: string): UpdateWindow[] | null {
  const parts = text
    .split(/[,，;；、\n]/)
    .map((part) => part.trim().replaceAll('：', ':'))
    .filter((part) => part !== '');
  const windows = parts.flatMap((part) => {
    const [, fromHour, fromMinute, toHour, toMinute] = (form.exec(part) ?? []).map(Number);
    if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined)
      return [];
    return [{ fromMinute: fromHour * 60 + fromMinute, toMinute: toHour * 60 + toMinute }];
  });
  return windows.length === parts.length && windows.length <= windowsMax ? windows : null;
}

export function windowsText(windows: readonly UpdateWindow[]): string {
  return windows.map(textOfWindow).join(', ');
}
