/** The dark theme's hours, local time. */
const nightFromHour = 22;
const nightUntilHour = 6;

/** Whether the screen should be dark: at night, or whenever the system asks for it. */
export function isNight(hour: number, systemPrefersDark: boolean): boolean {
  return systemPrefersDark || hour >= nightFromHour || hour < nightUntilHour;
}
