import { describe, expect, it } from 'vitest'
import { classify } from '../../../src/targets/sheet/google/failure.ts'

describe('an answer that is a page of HTML', () => {
  // The Google client makes the page its message.
  const page = '<!DOCTYPE html>\n<html lang=en>\n  <title>Error 502 (Server Error)!!1</title>'

  it.each([502, 503, 404])('is told as one, with its status: %d', (status) => {
    const failure = classify({ message: page, status, response: { status, data: page } })
    expect(failure).toMatchObject({
      kind: status === 404 ? 'gone' : 'unclear',
      status,
      message: `status ${status} with a page of HTML, not an answer of the Sheets API`,
    })
  })

  it('leaves other texts as they are', () => {
    const failure = classify({ message: 'no', status: 500, response: { status: 500, data: 'plain text' } })
    expect(failure.message).toBe('no')
  })
})
