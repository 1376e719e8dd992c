import {
  type GivenRecord,
  type PlaceFields,
  type PutCall,
  type ReadCall,
  RecordRefused,
  type RemoveCall,
} from '../../src/index.ts'

/** The functions that `apiTarget` takes, for the stock service: what an application writes for its own system. */
export function stockClient(url: string) {
  const address = (id: string) => `${url}/articles/${encodeURIComponent(id)}`
  return {
    async get(id: string, { signal }: ReadCall): Promise<GivenRecord | null> {
      const response = await fetch(address(id), { signal })
      if (response.status === 404) return null
      // A Response that is thrown says what happened: 429 waits, 422 is a dead letter, and so on.
      if (!response.ok) throw response
      return {
        fields: (await response.json()) as PlaceFields,
        etag: response.headers.get('etag'),
      }
    },

    async put(
      fields: PlaceFields,
      { id, idempotencyKey, ifMatch, ifNoneMatch, signal }: PutCall,
    ): Promise<void> {
      const response = await fetch(address(id), {
        method: 'PUT',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          ...(ifMatch !== undefined && { 'if-match': ifMatch }),
          ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
        },
        body: JSON.stringify(fields),
        signal,
      })
      // What it says about the article is more than its status.
      if (response.status === 422)
        throw new RecordRefused(((await response.json()) as { error: string }).error)
      if (!response.ok) throw response
    },

    async remove({ id, signal }: RemoveCall): Promise<void> {
      const response = await fetch(address(id), { method: 'DELETE', signal })
      if (!response.ok && response.status !== 404) throw response
    },

    async *list({ pageSize, signal }: { pageSize: number; signal: AbortSignal }) {
      for (let after: string | undefined = ''; after !== undefined; ) {
        const query = new URLSearchParams({ after, limit: String(Math.min(pageSize, 1000)) })
        const response = await fetch(`${url}/articles?${query}`, { signal })
        if (!response.ok) throw response
        const page = (await response.json()) as { articles: (PlaceFields & { id: string })[]; next?: string }
        yield page.articles.map(({ id, ...fields }) => ({ id, fields }))
        after = page.next
      }
    },
  }
}
