/**
 * What a USB-serial chip must be told before its bulk endpoints carry a line, for those that are driven without the kernel's
 * driver. Pure: settings in, control requests out. On Windows such a chip must be bound to WinUSB and loses its COM port, so
 * a cabinet uses the COM port (transport `serial`) wherever it can.
 *
 * Sources: USB CDC 1.2 PSTN; register values of Linux ch341.c, cp210x.c and ftdi_sio.c as collected in the golden frames
 * (`vectors/usb-serial.json`).
 */
export type SerialChip = 'cdc-acm' | 'ch34x' | 'cp210x' | 'ftdi';

export interface LineSettings {
  /** Bits per second. */
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'odd' | 'even';
  readonly stopBits: 1 | 2;
}

/** One vendor or class request to the device: bmRequestType, bRequest, wValue, wIndex; data in the OUT direction. */
export interface ControlRequest {
  readonly setup: readonly [number, number, number, number];
  readonly data: Uint8Array;
}

const noData = new Uint8Array(0);
const parityCode = { none: 0, odd: 1, even: 2 } as const;

/**
 * The requests that set the line and raise DTR and RTS, in their order. `interfaceNumber`: the control interface of CDC-ACM,
 * the only interface of a CP210x; the others take none. Throws on a rate that the chip cannot make (see `lineRateIsPossible`).
 */
export function lineRequests(
  chip: SerialChip,
  line: LineSettings,
  interfaceNumber: number,
): ControlRequest[] {
  switch (chip) {
    case 'cdc-acm':
      return [
        { setup: [0x21, 0x20, 0, interfaceNumber], data: cdcLineCoding(line) },
        { setup: [0x21, 0x22, 3, interfaceNumber], data: noData },
      ];
    case 'ch34x':
      return [
        { setup: [0x40, 0xa1, 0, 0], data: noData },
        { setup: [0x40, 0x9a, 0x1312, ch34xDivisor(line.baudRate)], data: noData },
        { setup: [0x40, 0x9a, 0x2518, ch34xLineControl(line)], data: noData },
        ch34xModem({ dtr: true, rts: true }),
      ];
    case 'cp210x':
      return [
        { setup: [0x41, 0x00, 1, interfaceNumber], data: noData },
        { setup: [0x41, 0x03, cp210xLineControl(line), interfaceNumber], data: noData },
        { setup: [0x41, 0x1e, 0, interfaceNumber], data: littleEndian32(line.baudRate) },
        { setup: [0x41, 0x07, 0x0303, interfaceNumber], data: noData },
      ];
    case 'ftdi': {
      const divisor = ftdiDivisor(line.baudRate);
      return [
        { setup: [0x40, 0x00, 0, 0], data: noData },
        { setup: [0x40, 0x03, divisor & 0xffff, divisor >> 16], data: noData },
        { setup: [0x40, 0x04, ftdiData(line), 0], data: noData },
        { setup: [0x40, 0x02, 0, 0], data: noData },
        { setup: [0x40, 0x01, 0x0303, 0], data: noData },
      ];
    }
  }
}

/** What of one IN packet came over the line: an FTDI chip puts two status bytes before it in every packet. */
export function linePayload(chip: SerialChip, packet: Uint8Array): Uint8Array {
  return chip === 'ftdi' ? packet.subarray(2) : packet;
}

/** The 7 bytes of SET_LINE_CODING (CDC 1.2 PSTN, table 17): rate LE32, stop bits (0 = 1, 2 = 2), parity, data bits. */
export function cdcLineCoding(line: LineSettings): Uint8Array {
  const coding = new Uint8Array(7);
  coding.set(littleEndian32(line.baudRate));
  coding[4] = line.stopBits === 2 ? 2 : 0;
  coding[5] = parityCode[line.parity];
  coding[6] = line.dataBits;
  return coding;
}

/** MODEM_CTRL of a CH34x: DTR is 20h, RTS 40h, and the value goes out inverted. */
export function ch34xModem(lines: { dtr: boolean; rts: boolean }): ControlRequest {
  const raised = (lines.dtr ? 0x20 : 0) | (lines.rts ? 0x40 : 0);
  return { setup: [0x40, 0xa4, ~raised & 0xffff, 0], data: noData };
}

/** Line control register of a CH34x: receiver and transmitter on (C0), stop 04, parity 08, even 10, data bits less 5. */
function ch34xLineControl(line: LineSettings): number {
  const parity = { none: 0, odd: 0x08, even: 0x18 }[line.parity];
  return 0xc0 | (line.dataBits - 5) | (line.stopBits === 2 ? 0x04 : 0) | parity;
}

const ch34xClockHz = 48_000_000;

/**
 * Divisor word of a CH34x for chips newer than 27h: (256 - div) << 8 | fact << 2 | prescaler, with bit 7 so that the chip does
 * not wait for a full 32-byte packet. The finest prescaler whose divisor stays under 512; the slower clock (fact 0) when
 * the divisor is outside 9..255 or even, which tolerates more error and gives the same rate.
 */
function ch34xDivisor(baudRate: number): number {
  for (let prescaler = 3; prescaler >= 0; prescaler--) {
    const clockDivider = 1 << (12 - 3 * prescaler - 1);
    const exact = ch34xClockHz / (clockDivider * baudRate);
    if (exact >= 512) continue;
    if (exact < 2) break;
    const isFast = exact >= 9 && exact < 256 && Math.round(exact) % 2 === 1;
    const divisor = isFast ? Math.round(exact) : Math.max(2, Math.round(exact / 2));
    return ((256 - divisor) << 8) | 0x80 | (isFast ? 0x04 : 0) | prescaler;
  }
  throw new RangeError(`a CH34x cannot make ${baudRate} baud`);
}

/** SET_LINE_CTL of a CP210x: data bits, parity, stop bits (0 = 1, 2 = 2). */
function cp210xLineControl(line: LineSettings): number {
  return (line.dataBits << 8) | (parityCode[line.parity] << 4) | (line.stopBits === 2 ? 2 : 0);
}

/** SET_DATA of an FTDI chip. */
function ftdiData(line: LineSettings): number {
  return line.dataBits | (parityCode[line.parity] << 8) | (line.stopBits === 2 ? 2 << 11 : 0);
}

/** Eighths of an FTDI divisor as its bits 14..16 (FT232B and later, 3 MHz base clock). */
const ftdiEighths = [0, 3, 2, 4, 1, 5, 6, 7] as const;

function ftdiDivisor(baudRate: number): number {
  const eighths = Math.round(24_000_000 / baudRate);
  if (eighths < 16 || eighths >> 3 > 0x3fff)
    throw new RangeError(`an FTDI chip cannot make ${baudRate} baud`);
  return (eighths >> 3) | ((ftdiEighths[eighths & 7] ?? 0) << 14);
}

function littleEndian32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >>> 24) & 0xff);
}
