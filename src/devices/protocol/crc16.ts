/**
 * CRC-16 over bytes, least significant bit first, begun with FFFF, as the serial protocols here use it.
 * `polynomial` is written reflected: A001 for Modbus (Modbus over Serial Line V1.02, §6.2.2).
 */
export function crc16(bytes: Uint8Array, polynomial: number): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  }
  return crc;
}
