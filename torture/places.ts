/** Table of the search index, in the database of the application. */
export const SEARCH_TABLE = 'torture_search'

/** Letters of a comment that the search index holds: the poison of a cell is none of its own. */
export const SEARCHED_LETTERS = 200
