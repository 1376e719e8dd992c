/** The name by which the database knows the connections through which workers write what people edited. */
export const WORKERS_CLIENT = 'torture worker'
