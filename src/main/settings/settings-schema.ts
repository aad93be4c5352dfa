import { z } from 'zod';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import { cabinetDevicesSchema } from '../../shared/model/device.ts';
import {
  noProfiles,
  problemsOfProfile,
  profileHistorySchema,
  shelfSchema,
} from '../../shared/model/device-profile.ts';
import { cameraRotations } from '../../shared/model/camera-rotation.ts';
import { shopperUrlMaxLength } from '../../shared/model/cabinet-code.ts';
import {
  cabinetSettingsSchema,
  screenSettingsSchema,
  servicePhoneSchema,
} from '../../shared/model/cabinet-settings.schema.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import { noHistory, settingsHistorySchema } from './settings-history.ts';
import { type waitNames } from './waits.ts';

/** Of the schema below. Raised when an older app would misread a file of this one; older files are then to be converted when read. */
export const settingsVersion = 1;

function isHttpsOrLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname);
}

const waitSchema = (name: (typeof waitNames)[number]) =>
  cabinetSettingsSchema.shape[name].nullable().default(null);

/** Settings of one cabinet: `config.json` in the user-data folder, written by whoever installs it. No secrets in it. */
const plainSettingsSchema = z.object({
  /** A file without it is of version 1. */
  version: z.literal(settingsVersion).default(settingsVersion),
  cabinetId: cabinetIdSchema.default('UNSET'),
  place: localTextSchema.default({ zh: '未设置', en: 'Not set' }),
  servicePhone: servicePhoneSchema.default('000'),
  /** https; plain http only to this very machine, where nobody else can listen or answer in the operator's place. */
  operatorUrl: z
    .url({ protocol: /^https?$/ })
    .refine(isHttpsOrLoopback, 'https is required, except for an address of this machine itself')
    .default('http://127.0.0.1:1'),
  /**
   * Where a phone goes that scans the cabinet's own code, up to where the code is put behind it; null: the cabinet shows none. In
   * capitals (`HTTPS://M.EXAMPLE/`) the QR has bigger squares.
   */
  shopperUrl: z
    .string()
    .max(shopperUrlMaxLength)
    .regex(/^https?:\/\/[\x21-\x7e]+$/i)
    .nullable()
    .default(null),
  /** One-time token of the first registration; erased once it has been used. */
  enrolToken: z.string().min(16).max(128).nullable().default(null),
  face: z
    .object({
      /** False: no camera is ever asked for, and the screen offers only the code. */
      enabled: z.boolean().default(true),
      /** `deviceId` or name of the camera; null: the only one, or the system's first. */
      camera: z.string().max(200).nullable().default(null),
      /**
       * Degrees, clockwise, by which its picture is turned upright: a camera may be mounted on its side; null: not known yet, and
       * taken for 0.
       */
      rotation: z.literal(cameraRotations).nullable().default(null),
      /** Blink or turn, whatever the liveness says: for cabinets whose visits may become expensive. */
      challengeAlways: z.boolean().default(false),
    })
    .prefault({}),
  /** What the shelf was seen to do in visits: for how long it is kept, and how much of it (docs/retention.md). */
  evidence: z
    .object({
      /** Of visits with which nothing is wrong. */
      cleanDays: z.int().min(0).max(90).default(7),
      /** Of those that people look at, … */
      flaggedDays: z.int().min(1).max(180).default(30),
      /** … and of those that the shopper has reported. */
      disputedDays: z.int().min(1).max(400).default(180),
      megabytesMax: z.int().min(1).max(10_000).default(200),
    })
    .prefault({}),
  /** In which language and how loud the screen is for each next person, and the hidden way into service mode. */
  screen: screenSettingsSchema.prefault({}),
  /** Waits of a visit; null: as they are built in (core/visit/limits.ts). */
  waits: z
    .object({
      identifySeconds: waitSchema('identifySeconds'),
      openDoorSeconds: waitSchema('openDoorSeconds'),
      ajarSeconds: waitSchema('ajarSeconds'),
      receiptSeconds: waitSchema('receiptSeconds'),
    })
    .prefault({}),
  /** What became of the settings that people may change, whole versions of them; unreadable: none, and the cabinet runs on. */
  changes: settingsHistorySchema.default(noHistory).catch(noHistory),
  /** What became of the devices and shelves (`cabinet` and `shelf`), whole versions of both; unreadable: none. */
  profiles: profileHistorySchema.default(noProfiles).catch(noProfiles),
  cabinet: cabinetDevicesSchema.default({ simulated: false, devices: [] }),
  /** Of goods that must be kept cold: above this for so long, and nothing is sold any more. Null: none need to be. */
  cooling: z
    .object({
      maxMilliC: z.int().min(-30_000).max(30_000),
      forMinutes: z.int().min(1).max(1440),
    })
    .nullable()
    .default(null),
  /** Which goods stand on which scale; none: goods are known by their tags alone. And which cameras look at them. */
  shelf: shelfSchema.prefault({}),
});

export const settingsSchema = plainSettingsSchema.superRefine(({ face, ...profile }, context) => {
  for (const { path, message } of problemsOfProfile(profile, face.enabled ? face.camera : null))
    context.addIssue({ code: 'custom', path, message });
});
export type Settings = z.infer<typeof settingsSchema>;
