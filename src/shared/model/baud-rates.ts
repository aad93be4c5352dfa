/** Bits a second that a serial line may be set to. */
export const baudRates = [
  1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600,
] as const;

/**
 * Bits a second with which each device on a serial line leaves its maker (docs/hardware.md): what the set-up proposes and
 * what the simulated cabinet's boards are set to. A profile may say otherwise.
 */
export const factoryBaudRates = {
  'lock-8a': 9600,
  'lock-wkly': 9600,
  'lock-kerong-cu16': 19_200,
  'rfid-r200': 115_200,
  'rfid-uhfreader18': 57_600,
  'rfid-sw5357': 115_200,
  'scanner-serial': 9600,
  'scale-modbus': 9600,
  'thermometer-modbus': 9600,
} as const;
