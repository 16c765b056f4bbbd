/** Made by `npm run build` from the finders' own code. */
export const FINDERS = '4b695a7fd9200086';
