import { z } from 'zod';
import { momentSchema } from './moment.schema.ts';
import { firstLanguage, languages } from '../i18n/language.ts';
import {
  type CabinetSetting,
  cabinetSettingNames,
  settingsVersionsKept,
  settingsWhys,
} from './cabinet-settings.ts';
import { cameraRotations } from './camera-rotation.ts';
import { type Corner, corners, defaultKnock, faultOfKnock, knockLength } from './corner-knock.ts';

/** What a form cannot know from the bounds alone. */
interface FieldNotes {
  /** A change counts at once, or once the program has been started anew. */
  readonly effect: 'now' | 'restart';
  /** Of a number: as people read it. */
  readonly unit?: 'percent' | 'seconds' | 'minutes' | 'celsius';
  /** A number is shown divided by this. */
  readonly per?: number;
  /** By so much the keys of a number go. */
  readonly by?: number;
  /** What is typed with: digits and the signs of a telephone number, or letters. */
  readonly keys?: 'phone' | 'letters';
}
const notes = (of: FieldNotes): Record<string, unknown> => ({ ...of });
const seconds = (min: number, max: number) =>
  z
    .number()
    .int()
    .min(min)
    .max(max)
    .meta(notes({ effect: 'restart', unit: 'seconds', by: 5 }));

export const knockSchema = z
  .array(z.enum(corners))
  .min(knockLength.min)
  .max(knockLength.max)
  .refine((order) => faultOfKnock(order) === null, 'a child would find it');
export const servicePhoneSchema = z.string().regex(/^[0-9 +()-]{3,24}$/);

/**
 * What each setting that people may change may be. None of them leads money or shoppers elsewhere, names keys, or says who the
 * operator is: those the installer writes (docs/decisions/0181-what-people-may-change.md).
 */
const shape = {
  /** In which each shopper finds the screen. */
  language: z.enum(languages).meta(notes({ effect: 'now' })),
  soundPercent: z
    .number()
    .int()
    .min(0)
    .max(100)
    .meta(notes({ effect: 'now', unit: 'percent', by: 10 })),
  servicePhone: servicePhoneSchema.max(24).meta(notes({ effect: 'now', keys: 'phone' })),
  knock: knockSchema.meta(notes({ effect: 'now' })),
  /** Null: no limit, and nothing is locked for warmth. */
  coolingMaxMilliC: z
    .number()
    .int()
    .min(-30_000)
    .max(30_000)
    .nullable()
    .meta(notes({ effect: 'restart', unit: 'celsius', per: 1000, by: 500 })),
  coolingForMinutes: z
    .number()
    .int()
    .min(5)
    .max(1440)
    .meta(notes({ effect: 'restart', unit: 'minutes', by: 5 })),
  /** Name or id; null: the only one, or the system's first. */
  faceCamera: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .nullable()
    .meta(notes({ effect: 'restart', keys: 'letters' })),
  faceRotation: z
    .literal(cameraRotations)
    .nullable()
    .meta(notes({ effect: 'restart' })),
  identifySeconds: seconds(30, 180),
  openDoorSeconds: seconds(10, 60),
  ajarSeconds: seconds(30, 300),
  receiptSeconds: seconds(10, 60),
} as const satisfies Readonly<Record<CabinetSetting, z.ZodType>>;
export const cabinetSettingsSchema = z.object(shape).strict();
export type CabinetSettings = z.infer<typeof cabinetSettingsSchema>;
export const cabinetSettingSchema = z.enum(cabinetSettingNames);

/** Some of them anew. One that this version does not know is refused: half of what was meant is not what was meant. */
export const settingsChangesSchema = cabinetSettingsSchema
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'nothing is changed');
export type SettingsChanges = z.infer<typeof settingsChangesSchema>;

/** Of the hidden touches and the screen: what the page goes by. */
export const screenSettingsSchema = z.object({
  language: z.enum(languages).default(firstLanguage),
  soundPercent: z.number().int().min(0).max(100).default(100),
  knock: knockSchema.default((): Corner[] => [...defaultKnock]),
});

/** What a value may be as it goes over the wire; what it means, the schema above says. */
export const settingValueSchema = z.union([
  z.string().max(200),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(40)).max(20),
]);
export type SettingValue = z.infer<typeof settingValueSchema>;

/** One field of a form, out of the schema above: page and console draw it without knowing what it is about. */
export const settingFieldSchema = z.object({
  name: cabinetSettingSchema,
  kind: z.enum(['choice', 'number', 'text', 'corners']),
  effect: z.enum(['now', 'restart']),
  /** It may also be left to the cabinet (null). */
  isOptional: z.boolean(),
  options: z.array(z.union([z.string(), z.number()])).max(20),
  min: z.number().nullable(),
  max: z.number().nullable(),
  unit: z.enum(['percent', 'seconds', 'minutes', 'celsius']).nullable(),
  per: z.number().int().min(1),
  by: z.number().int().min(1),
  keys: z.enum(['phone', 'letters']).nullable(),
});
export type SettingField = z.infer<typeof settingFieldSchema>;

const settingsWhySchema = z.enum(settingsWhys);
export const shownVersionSchema = z.object({
  version: z.number().int().min(0),
  atMs: momentSchema,
  by: z.string().max(60),
  why: settingsWhySchema,
  changed: z
    .array(z.object({ name: z.string().max(40), before: settingValueSchema, after: settingValueSchema }))
    .max(60),
});
export type ShownVersion = z.infer<typeof shownVersionSchema>;
const valuesSchema = z.record(z.string().max(40), settingValueSchema);

/** The settings as an administrator at the cabinet sees them. */
export const settingsViewSchema = z.object({
  version: z.number().int().min(0),
  fields: z.array(settingFieldSchema).max(60),
  values: valuesSchema,
  /** They count once the program has been started anew. */
  waiting: z.array(z.string().max(40)).max(60),
  /** The newest first. */
  versions: z.array(shownVersionSchema).max(settingsVersionsKept),
});
export type SettingsView = z.infer<typeof settingsViewSchema>;

interface JsonField {
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly anyOf?: readonly JsonField[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly items?: { readonly enum?: readonly string[] };
}

/** The form, out of the schema. */
export function settingFields(): SettingField[] {
  const { properties = {} } = z.toJSONSchema(cabinetSettingsSchema, { io: 'output' });
  const described = properties as unknown as Record<CabinetSetting, JsonField & FieldNotes>;
  return cabinetSettingNames.map((name) => {
    const field = described[name];
    const { effect, unit = null, per = 1, by = 1, keys = null } = field;
    const isOptional = field.anyOf?.some(({ type }) => type === 'null') === true;
    const of = field.anyOf?.find(({ type }) => type !== 'null') ?? field;
    const options = of.enum ?? of.items?.enum ?? [];
    const common = { name, effect, isOptional, options: [...options], unit, per, by, keys };
    if (of.type === 'array')
      return { ...common, kind: 'corners', min: of.minItems ?? 0, max: of.maxItems ?? null };
    if (of.enum !== undefined) return { ...common, kind: 'choice', min: null, max: null };
    if (of.type === 'string') return { ...common, kind: 'text', min: null, max: of.maxLength ?? null };
    return { ...common, kind: 'number', min: of.minimum ?? null, max: of.maximum ?? null };
  });
}
