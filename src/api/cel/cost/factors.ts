/** Constants of costs. Source: cel-go `common/cost.go`. */

/** For each character of a text that is gone through. */
export const traversal = 0.1;
/** For each character of a pattern, for each unit that the text costs. */
export const regexLength = 0.25;

export const listCreation = 10;
export const mapCreation = 30;
export const structCreation = 40;
