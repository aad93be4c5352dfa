import { expect, test } from 'vitest';
import { settingFields, settingsChangesSchema } from './cabinet-settings.schema.ts';
import { cabinetSettingNames } from './cabinet-settings.ts';

test('the form has a field for each setting, with the bounds of the schema', () => {
  const fields = settingFields();
  expect(fields.map(({ name }) => name)).toEqual(cabinetSettingNames);
  const of = (name: string) => fields.find((field) => field.name === name);
  expect(of('soundPercent')).toMatchObject({ kind: 'number', min: 0, max: 100, isOptional: false });
  expect(of('coolingMaxMilliC')).toMatchObject({
    kind: 'number',
    min: -30_000,
    max: 30_000,
    isOptional: true,
  });
  expect(of('language')).toMatchObject({ kind: 'choice', options: ['zh', 'en'], effect: 'now' });
  expect(of('faceRotation')).toMatchObject({ kind: 'choice', options: [0, 90, 180, 270], isOptional: true });
  expect(of('knock')).toMatchObject({ kind: 'corners', min: 5, max: 7 });
  expect(of('servicePhone')).toMatchObject({ kind: 'text', max: 24, keys: 'phone' });
});

test('what each bound of a field allows, the schema takes, and what lies beyond it does not', () => {
  for (const { name, kind, min, max } of settingFields()) {
    if (kind !== 'number' || min === null || max === null) continue;
    for (const value of [min, max])
      expect(settingsChangesSchema.safeParse({ [name]: value }).success).toBe(true);
    for (const value of [min - 1, max + 1, min + 0.5, String(min), Number.NaN])
      expect(settingsChangesSchema.safeParse({ [name]: value }).success, `${name} ${value}`).toBe(false);
  }
});

test.each([
  ['nothing at all', {}],
  ['a setting of a newer program', { soundPercent: 10, colour: 'red' }],
  ['where the operator is', { operatorUrl: 'https://elsewhere.example' }],
  ['where the code leads', { shopperUrl: 'https://elsewhere.example' }],
  ['devices', { cabinet: { simulated: true, devices: [] } }],
  ['a name that every object has', JSON.parse('{"__proto__": 1, "soundPercent": 10}') as unknown],
  ['hidden touches that a child finds', { knock: ['topLeft', 'topLeft', 'topLeft', 'topLeft', 'topLeft'] }],
  ['a telephone number with words', { servicePhone: 'call me' }],
])('%s is no change of settings', (_, changes) => {
  expect(settingsChangesSchema.safeParse(changes).success).toBe(false);
});
