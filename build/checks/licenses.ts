/**
 * Under which licenses the packages are: what may come into what we hand out, only under those that let us do so with a notice.
 * `package-lock.json` says them; a package for development alone may also be under one that binds whoever changes it.
 *
 * node build/checks/licenses.ts
 */
import { readText, report } from './project.ts';

const withNotice = new Set([
  ...['MIT', 'ISC', '0BSD', 'Apache-2.0', 'Apache2', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'X11'],
  ...['CC0-1.0', 'Unlicense', 'WTFPL', 'Python-2.0'],
  // Fonts, which stay files of their own.
  'OFL-1.1',
]);
/** Tools that are used as they are, and are in nothing that we hand out. */
const forTools = new Set(['MPL-2.0', 'LGPL-3.0-or-later', 'CC-BY-4.0']);

interface Package {
  readonly license?: string | readonly string[];
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** An SPDX expression as they are written there: parts with AND, of which each is choices with OR. A list is choices. */
function isAllowed(license: string | readonly string[], allowed: (name: string) => boolean): boolean {
  if (typeof license !== 'string') return license.some(allowed);
  return license
    .replaceAll(/[()]/g, '')
    .split(' AND ')
    .every((part) => part.split(' OR ').some((name) => allowed(name.trim())));
}

const { packages } = JSON.parse(readText('package-lock.json')) as { packages: Record<string, Package> };
const findings = Object.entries(packages).flatMap(([path, { license, dev, devOptional }]) => {
  if (path === '') return [];
  const isTool = dev === true || devOptional === true;
  const allowed = (name: string): boolean => withNotice.has(name) || (isTool && forTools.has(name));
  if (license !== undefined && isAllowed(license, allowed)) return [];
  return [`package-lock.json: ${path} is under ${JSON.stringify(license ?? null)}`];
});
report('licenses', findings);
