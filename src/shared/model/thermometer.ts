import { z } from 'zod';

/** Thermometers of a cabinet. Temperatures are whole thousandths of a degree Celsius everywhere. */

/** A number beyond is none that a thermometer of these kinds can measure. */
export const milliCelsiusMin = -55_000;
export const milliCelsiusMax = 125_000;

/** PCsensor TEMPer: what one count is differs by firmware (1/100 °C of TEMPerGold, TEMPerX, TEMPer2; 1/256 °C of TEMPerF1.4). */
export const thermometerTemperShape = {
  protocol: z.literal('thermometer-temper'),
  countsPerDegree: z.union([z.literal(100), z.literal(256)]),
  /** `outer`: on a cable, which can lie among the goods; the inner one is in the stick. */
  sensor: z.enum(['inner', 'outer']).default('outer'),
};

/** One register of a Modbus thermometer; the default is that of the SHT20 transmitters (XY-MD02): input register 1, tenths. */
export const thermometerModbusShape = {
  protocol: z.literal('thermometer-modbus'),
  unitAddress: z.number().int().min(1).max(247),
  register: z
    .object({
      function: z.union([z.literal(3), z.literal(4)]),
      register: z.number().int().min(0).max(0xffff),
      milliCelsiusPerCount: z.number().int().min(1).max(1000),
    })
    .default({ function: 4, register: 1, milliCelsiusPerCount: 100 }),
};

export const milliCelsiusSchema = z.number().int().min(milliCelsiusMin).max(milliCelsiusMax);
