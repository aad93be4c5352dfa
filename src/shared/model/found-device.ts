import { z } from 'zod';
import { deviceRoles } from './device-form.ts';
import { usbMatchSchema } from './transport.ts';

export const foundDevicesMax = 40;
const problemsSchema = z.array(z.string().max(400)).max(8);

/** One thing that is plugged into the cabinet's computer. */
const foundDeviceSchema = z.object({
  /** What it probably is, in the words of the device program. */
  what: z.string().max(120),
  role: z.enum(deviceRoles),
  product: z.string().max(128).nullable(),
  serialNumber: z.string().max(128).nullable(),
  portPath: z.string().max(64).nullable(),
  /** Why it cannot be used as it is, and what to do. */
  problems: problemsSchema,
  /** What the profile says to mean exactly this one. */
  match: usbMatchSchema,
});
export type FoundDevice = z.infer<typeof foundDeviceSchema>;

export const foundDevicesSchema = z.object({
  devices: z.array(foundDeviceSchema).max(foundDevicesMax),
  /** What is wrong with the system as a whole. */
  problems: problemsSchema,
});
export type FoundDevices = z.infer<typeof foundDevicesSchema>;
