/** The law counts people whose faces are kept: from the limit on the operator has to file, and nobody new is enrolled. */
const alarmFrom = 80_000;
const fullFrom = 100_000;

export type FaceCapacityLevel = 'fine' | 'alarm' | 'full';

export function capacityLevel(enrolledCount: number): FaceCapacityLevel {
  if (enrolledCount >= fullFrom) return 'full';
  return enrolledCount >= alarmFrom ? 'alarm' : 'fine';
}
