/** In this order: what is past its day goes out, the newer plan counts, goods go in, they are counted and accepted. */
export const restockSteps = ['waste', 'plan', 'fill', 'count'] as const;
export type RestockStep = (typeof restockSteps)[number];
