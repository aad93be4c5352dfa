import { z } from 'zod';
import { baudRates } from './baud-rates.ts';

/** How a device is reached: part of its entry in the cabinet's profile. */
const usbIdSchema = z.number().int().min(0).max(0xffff);

/**
 * Which USB device it is. All that is given must be so; exactly one device that is plugged in must fit, or it is not
 * opened. Twins without a serial number are told apart by the port that they are plugged into.
 */
export const usbMatchSchema = z.strictObject({
  vendorId: usbIdSchema,
  productId: usbIdSchema,
  serialNumber: z.string().min(1).max(128).optional(),
  /** The product string, whole: for vendors that share their ids (V-USB). */
  product: z.string().min(1).max(128).optional(),
  /** Bus and ports as the kernel names them: `1-2.3` is port 3 of the hub in port 2 of bus 1. */
  portPath: z
    .string()
    .regex(/^\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}$/)
    .optional(),
  /** bInterfaceNumber, for devices with several of a kind (a scanner that is a keyboard too, a twin serial adapter). */
  interface: z.number().int().min(0).max(255).optional(),
});
export type UsbMatch = z.infer<typeof usbMatchSchema>;

export const hidMatchSchema = usbMatchSchema.extend({
  /** Usage page and usage of the top-level collection: 0x8C/0x02 a HID-POS scanner, 0x8D/0x20 a scale. */
  usagePage: usbIdSchema.optional(),
  usage: usbIdSchema.optional(),
});
export type HidMatch = z.infer<typeof hidMatchSchema>;

const baudRateSchema = z.literal(baudRates);
const lineShape = {
  baudRate: baudRateSchema,
  dataBits: z.literal([7, 8]).default(8),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  stopBits: z.literal([1, 2]).default(1),
};

/** USB-serial chips that can be driven without the kernel's driver (devices/transport/serial-chips.ts). */
const serialChipSchema = z.enum(['cdc-acm', 'ch34x', 'cp210x', 'ftdi']);

export const transportSpecSchema = z.discriminatedUnion('kind', [
  /** A serial device server (ser2net and the like); the simulated cabinet uses it too. */
  z.object({
    kind: z.literal('tcp'),
    host: z.string().min(1).max(255),
    port: z.number().int().min(1).max(65_535),
    /** `stream`: plain bytes; `report`: HID reports, each with a head of two bytes (shared/report-framing.ts). */
    framing: z.enum(['stream', 'report']),
  }),
  /** A serial port of the system: by the USB device behind it, or, where there is none (a UART on the board), by name. */
  z
    .object({
      kind: z.literal('serial'),
      match: usbMatchSchema.optional(),
      path: z
        .string()
        .max(128)
        .regex(/^(\/dev\/[A-Za-z0-9][A-Za-z0-9_./-]*|COM[1-9]\d{0,2})$/)
        .optional(),
      ...lineShape,
    })
    .refine((spec) => (spec.match === undefined) !== (spec.path === undefined), {
      error: 'either match or path, not both',
    }),
  z.object({ kind: z.literal('hid'), match: hidMatchSchema }),
  /**
   * A pair of bulk endpoints through libusb, the kernel's driver put aside. With `line`: a serial adapter, set to it; for
   * systems whose kernel has no driver for the chip. `serial` is the better way wherever there is a port.
   */
  z.object({
    kind: z.literal('usb'),
    match: usbMatchSchema,
    line: z.object({ ...lineShape, chip: serialChipSchema.default('cdc-acm') }).optional(),
  }),
]);
export type TransportSpec = z.infer<typeof transportSpecSchema>;
