/** `this`: so many of the article; `other`: it was what is shown beside it; `neither`: nothing of them. */
export const shelfAnswers = ['this', 'other', 'neither'] as const;
export type ShelfAnswer = (typeof shelfAnswers)[number];
