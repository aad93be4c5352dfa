/** So many visits with a new version tell whether its devices are as useful as before. */
export const judgedVisits = 20;
