/** The words of `show --by`. */

export { GROUPINGS as SUMMED_BY, type Grouping as SummedBy } from '../../store/sums.js';
