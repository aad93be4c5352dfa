import { encode } from 'uqr';

/** White margin around a QR code, modules; the standard asks for 4. */
const quietModules = 4;

/** A QR code as one vector path over a square of so many modules. */
export function drawnQr(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { ecc: 'M', border: quietModules });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return { size, path };
}
