/** Key of the tag with which a comment carries a context to the triggers. */
export const CONTEXT_TAG = 'writeback'

/** Setting that carries a context as JSON, for programs that cannot add a comment to their statements. */
export const CONTEXT_SETTING = 'writeback.context'
