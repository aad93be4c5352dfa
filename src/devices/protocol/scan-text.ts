import { byteAt } from './codec.ts';

/**
 * What scanners put around a code, and how it is taken off again: an AIM identifier (ISO/IEC 15424: `]`, the symbology, how
 * the scanner has treated it), ECI designators (`\\000026`), a byte order mark, control characters and blanks.
 */
interface ScanText {
  readonly text: string;
  /** The AIM identifier that stood in front, or empty. */
  readonly aim: string;
  /** What was taken off, for people: `]Q1 … \x09`; empty: nothing (line ends do not count). */
  readonly stripped: string;
}

/** The symbologies of ISO/IEC 15424 and the modifiers that each has. Anything else behind a `]` is part of the code. */
const aimPattern = new RegExp(
  [
    '^\\](?:A[0-57]|B[0124]|C[0124]|D[0-9]|E[0-4]|F[0124]|G[0-9A-Za-m]|H[013]|I[013]|K[0124]|L[0-5]|M[01]',
    'N0|O[0-7]|P0|Q[0-6]|R[0-3]|S0|T[0124]|U[0-3]|V[0-7]|X[0-9A-F]|Z[0-9]',
    'd[0-6]|e[0-3]|h[0-3]|o[0-3]|p[0-4]|s[01]|z[0-9A-C])',
  ].join('|'),
);
/** In these the scanner marks changes of the character set in the text, and writes a true backslash twice. */
const eciAim = /^\](?:Q[246]|d[456]|L1|z[3-9A-C]|h[13]|e3)$/;
const eciPattern = /\\\d{6}/;
const edges =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /^[\u0000-\u0020\u007f-\u00a0\u2000-\u200f\u3000\ufeff]+|[\u0000-\u0020\u007f-\u00a0\u2000-\u200f\u3000\ufeff]+$/g;

/** The text of a scan: UTF-8 where the bytes are that, else Latin-1; CR, LF and NUL at the end are taken off. */
export function scanText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && [0x00, 0x0a, 0x0d].includes(byteAt(bytes, end - 1))) end--;
  const body = bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return Array.from(body, (byte) => String.fromCharCode(byte)).join('');
  }
}

/** Takes off what the scanner has added. `knownAim`: what it has said apart from the text; only that is then an identifier. */
export function withoutExtras(raw: string, knownAim: string | null = null): ScanText {
  const lineless = raw.replace(/[\0\r\n]+$/, '');
  const outer = lineless.replace(edges, '');
  const found = aimPattern.exec(outer)?.[0] ?? '';
  const aim = knownAim === null || found === knownAim ? found : '';
  let text = outer.slice(aim.length).replace(edges, '');
  const kind = aim === '' ? (knownAim ?? '') : aim;
  text = eciAim.test(kind)
    ? text.replace(new RegExp(`${eciPattern.source}|\\\\\\\\`, 'g'), (one) => (one.length === 7 ? '' : '\\'))
    : text.replace(new RegExp(`^${eciPattern.source}`), '');
  text = text.replace(edges, '');
  return { text, aim, stripped: strippedText(lineless, text) };
}

/** Whether it is text at all: a code of whatever maker, but not what a wrong rate or a damaged line makes of one. */
export function isReadable(text: string): boolean {
  // GS, RS and EOT stand in true codes (GS1, ISO/IEC 15434).
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return text !== '' && !/[\u0000-\u0003\u0005-\u0008\u000e-\u001c\u001f\u007f-\u009f\ufffd]/.test(text);
}

function strippedText(raw: string, text: string): string {
  const at = raw.lastIndexOf(text);
  if (raw === text) return '';
  if (text === '' || at < 0) return visible(raw);
  const [before, behind] = [raw.slice(0, at), raw.slice(at + text.length)];
  return visible(behind === '' ? before : before === '' ? `… ${behind}` : `${before} … ${behind}`);
}

function visible(text: string): string {
  const shown = text.replace(/[^\u0020-\u007e…]/g, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return shown.slice(0, 64);
}
