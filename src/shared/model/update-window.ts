import type { UpdateWindow } from './update-order.schema.ts';
import { clockOf } from '../util/clock-text.ts';

/** `02:00–05:00`. */
export function textOfWindow({ fromMinute, toMinute }: UpdateWindow): string {
  return `${clockOf(fromMinute)}–${clockOf(toMinute)}`;
}
