/** Table of the search index, in the database of the application. */
export const SEARCH_TABLE = 'torture_search'

/** How long a value may stand in the cache: longer than a run takes, so that none goes by itself. */
export const CACHED_SECONDS = 3_600

/** Beginning of the keys of requests in the cache. */
export const CACHE_PREFIX = 'request:'

/** The key of a request in the cache. */
export const cacheKey = (id: string) => `${CACHE_PREFIX}${id}`

/** Letters of a comment that the search index holds: the poison of a cell is none of its own. */
export const SEARCHED_LETTERS = 200
