import { expect, it } from 'vitest';
import { type Place, addressOf, placeOf } from './place.ts';

const at = (text: string): Place => placeOf(new URL(text, 'https://m.example'));
const token = 'a'.repeat(43);
const chargeId = 'C01JD0000000000000000000ABCD';

it.each<[string, Place]>([
  ['/m/', { at: 'home' }],
  ['/m', { at: 'home' }],
  ['/m/code', { at: 'code' }],
  ['/m/account/', { at: 'account' }],
  ['/m/c#KC1.SH-1.ABC.AAAAAAAA.BBB', { at: 'cabinet', text: 'KC1.SH-1.ABC.AAAAAAAA.BBB' }],
  // In a QR code capitals are coarser squares.
  ['/M/C#KC1.SH-1.ABC.AAAAAAAA.BBB', { at: 'cabinet', text: 'KC1.SH-1.ABC.AAAAAAAA.BBB' }],
  [`/m/r#${chargeId}`, { at: 'purchase', chargeId }],
  [`/m/report#${chargeId}`, { at: 'report', chargeId }],
  ['/m/r', { at: 'unknown' }],
  ['/m/r#../../x', { at: 'unknown' }],
  [`/m/in#${token}`, { at: 'link', token }],
  ['/m/in#short', { at: 'link', token: '' }],
  [`/m/in/provider?code=x%2Fy&state=${token}`, { at: 'provider', code: 'x/y', state: token }],
  [`/m/in/provider?auth_code=z&state=${token}`, { at: 'provider', code: 'z', state: token }],
  ['/m/in/provider?code=x&state=forged', { at: 'provider', code: '', state: 'forged' }],
  ['/m/nowhere', { at: 'unknown' }],
  ['/elsewhere', { at: 'unknown' }],
  ['/m/c#%', { at: 'cabinet', text: '%' }],
])('%s', (address, place) => {
  expect(at(address)).toEqual(place);
});

it('leads back to each place by its address', () => {
  const places: Place[] = [
    ...(['home', 'code', 'debts', 'account', 'face'] as const).map((name) => ({ at: name })),
    { at: 'cabinet', text: 'KC1.SH-1.ABC.AAAAAAAA.BBB' },
    { at: 'purchase', chargeId },
    { at: 'report', chargeId },
    { at: 'link', token },
  ];
  for (const place of places) expect(at(addressOf(place))).toEqual(place);
});
