/** So many visits with a new version tell whether its devices are as useful as before. */
export const judgedVisits = 20;
/** Of more hours without anybody nobody asks how many. */
export const quietHoursMax = 10_000;
