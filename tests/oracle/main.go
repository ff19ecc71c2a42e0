// A third opinion on heads and proofs, from people who have never seen this project: Go's own x/mod/sumdb.
//
// Reads one JSON case from standard input and prints {"accepted": bool, "problem": string} for each of its parts.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type answer struct {
	Accepted bool   `json:"accepted"`
	Problem  string `json:"problem"`
}

type part struct {
	Number int64    `json:"number"` // index of an entry, or size of an earlier head
	Hash   string   `json:"hash"`   // leaf of the entry, or root of the earlier head
	Proof  []string `json:"proof"`
}

type question struct {
	Vkey        string `json:"vkey"`
	Note        string `json:"note"`
	Inclusion   []part `json:"inclusion"`
	Consistency []part `json:"consistency"`
}

func hash(text string) (tlog.Hash, error) {
	var found tlog.Hash
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) != len(found) {
		return found, fmt.Errorf("not a hash: %q", text)
	}
	copy(found[:], data)
	return found, nil
}

func hashes(texts []string) ([]tlog.Hash, error) {
	found := []tlog.Hash{}
	for _, text := range texts {
		one, err := hash(text)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

func say(err error) answer {
	if err != nil {
		return answer{false, err.Error()}
	}
	return answer{true, ""}
}

func judge(one part, check func([]tlog.Hash, tlog.Hash) error) answer {
	proof, err := hashes(one.Proof)
	if err != nil {
		return say(err)
	}
	own, err := hash(one.Hash)
	if err != nil {
		return say(err)
	}
	return say(check(proof, own))
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	said := map[string][]answer{"note": {}, "inclusion": {}, "consistency": {}}
	verifier, err := note.NewVerifier(asked.Vkey)
	if err != nil {
		panic(err)
	}
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifier))
	said["note"] = append(said["note"], say(err))
	if err == nil {
		tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + opened.Text[len(verifier.Name())+1:]))
		if err != nil {
			panic(err)
		}
		for _, one := range asked.Inclusion {
			one := one
			said["inclusion"] = append(said["inclusion"], judge(one, func(proof []tlog.Hash, leaf tlog.Hash) error {
				return tlog.CheckRecord(tlog.RecordProof(proof), tree.N, tree.Hash, one.Number, leaf)
			}))
		}
		for _, one := range asked.Consistency {
			one := one
			said["consistency"] = append(said["consistency"], judge(one, func(proof []tlog.Hash, root tlog.Hash) error {
				return tlog.CheckTree(tlog.TreeProof(proof), tree.N, tree.Hash, one.Number, root)
			}))
		}
	}
	json.NewEncoder(os.Stdout).Encode(said)
}
