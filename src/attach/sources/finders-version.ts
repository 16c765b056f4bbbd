/** Made by `npm run build` from the finders' own code. */
export const FINDERS = '8fc6e2b0249c3956';
