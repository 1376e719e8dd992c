/** A client of `ioredis`, or a cluster of it. */
export interface IoredisClient {
  readonly isCluster: boolean
  readonly options: { readonly keyPrefix?: string | undefined }
  call(command: string, ...args: string[]): Promise<unknown>
  disconnect(): void
}

/** A client of `redis`. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  sendCommand(args: string[]): Promise<unknown>
  connect(): Promise<unknown>
  destroy(): void
}

/** A cluster of `redis`. */
export interface NodeRedisCluster {
  readonly isOpen: boolean
  readonly masters: readonly unknown[]
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>
  connect(): Promise<unknown>
  destroy(): void
}

/** A client of Redis, as the application has it: of `ioredis` or `redis`. */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster

/** The little that is needed of a client, whichever it is. */
export interface Redis {
  readonly isCluster: boolean
  /** What the client itself puts before every key. */
  readonly keyPrefix: string
  /** @param key the key that says which node of a cluster is asked */
  command(key: string | undefined, ...args: string[]): Promise<unknown>
  /** Ends the connection. */
  close(): void
}

function isIoredis(client: RedisClient): client is IoredisClient {
  return 'call' in client && typeof client.call === 'function'
}

function isNodeCluster(client: NodeRedisClient | NodeRedisCluster): client is NodeRedisCluster {
  return 'masters' in client
}

/** Whether something is a client that {@link redisOf} knows. */
export function isRedisClient(given: unknown): given is RedisClient {
  if (typeof given !== 'object' || given === null) return false
  const { call, sendCommand, connect } = given as Record<string, unknown>
  return typeof call === 'function' || (typeof sendCommand === 'function' && typeof connect === 'function')
}

/** Tells the clients apart. Commands of one moment go out together, as both clients have it: none waits for another. */
export function redisOf(client: RedisClient): Redis {
  if (isIoredis(client)) {
    return {
      isCluster: client.isCluster === true,
      keyPrefix: client.options?.keyPrefix ?? '',
      command: (_key, command = '', ...args) => client.call(command, ...args),
      close: () => client.disconnect(),
    }
  }
  const send: Redis['command'] = isNodeCluster(client)
    ? (key, ...args) => client.sendCommand(key, false, args)
    : (_key, ...args) => client.sendCommand(args)
  let connecting: Promise<unknown> | undefined
  return {
    isCluster: isNodeCluster(client),
    keyPrefix: '',
    async command(key, ...args) {
      // It goes on trying by itself, as its options say. A cluster takes no commands meanwhile, though it is open.
      if (!client.isOpen || connecting) {
        connecting ??= client.connect().finally(() => {
          connecting = undefined
        })
        await connecting
      }
      return await send(key, ...args)
    },
    close: () => {
      if (client.isOpen) client.destroy()
    },
  }
}

/** Keeps an error between two commands from ending the process: each command says by itself that it failed. */
export function hearErrors(client: RedisClient): void {
  const { on } = client as { on?: (event: 'error', listener: () => void) => unknown }
  on?.call(client, 'error', () => {})
}

/** Says that Redis did not answer in time: a client that is not connected keeps commands for as long as it takes. */
class NoAnswer extends Error {
  override readonly name = 'TimeoutError'
}

/** Waits for answers no longer than so many milliseconds. @throws NoAnswer */
export async function within<Value>(ms: number, answers: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`Redis did not answer within ${ms} ms`)), ms)
  })
  // Nobody may wait for the answers any more.
  answers.catch(() => {})
  try {
    return await Promise.race([answers, late])
  } finally {
    clearTimeout(timer)
  }
}
