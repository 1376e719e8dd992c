/** Stands for every secret in the inputs. No message may have it. */
export const SECRET = 'hunter2-do-not-show'
