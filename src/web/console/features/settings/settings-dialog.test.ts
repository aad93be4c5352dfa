import { expect, test } from 'vitest';
import { settingFields } from '../../../../shared/model/cabinet-settings.schema.ts';
import { defaultKnock } from '../../../../shared/model/corner-knock.ts';
import { textOfField, valueOfField } from './settings-dialog.tsx';

const of = (name: string) => settingFields().find((field) => field.name === name)!;

test.each([
  ['soundPercent', 40, '40'],
  ['coolingMaxMilliC', -18_500, '-18.5'],
  ['coolingMaxMilliC', null, ''],
  ['language', 'en', 'en'],
  ['faceRotation', 270, '270'],
  ['faceRotation', null, '-'],
  ['servicePhone', '400-1', '400-1'],
  ['knock', [...defaultKnock], '1 3 2 4 1'],
])('%s: what stands in the box means what it was made of', (name, value, text) => {
  expect(textOfField(of(name), value)).toBe(text);
  expect(valueOfField(of(name), text)).toEqual(value);
});

test.each([
  ['soundPercent', ''],
  ['soundPercent', 'loud'],
  ['soundPercent', '1e9'],
  ['knock', '1 2 9'],
  ['language', 'fr'],
  ['servicePhone', ' '],
])('%s: %j means nothing', (name, text) => {
  expect(valueOfField(of(name), text)).toBeUndefined();
});
