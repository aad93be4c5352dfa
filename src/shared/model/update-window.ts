import type { UpdateWindow } from './update-order.schema.ts';

/** `02:00–05:00`. */
export function textOfWindow({ fromMinute, toMinute }: UpdateWindow): string {
  const time = (minute: number): string =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${time(fromMinute)}–${time(toMinute)}`;
}
